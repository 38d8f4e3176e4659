"""Work calendars and meetings: what leaders and units do in a week, proposed by units, approved and published by the office; who is
invited, where, with which papers, who came, what was concluded.

Law: Decree 30/2020/NĐ-CP (notices of conclusions and invitations as papers). Format of feeds and invitations: RFC 5545.
"""
