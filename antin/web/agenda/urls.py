"""Addresses of the work calendar."""

from django.urls import path

from antin.web.agenda import entries, feeds, meetings, weeks

urlpatterns = [
    path("agenda", weeks.week, name="agenda"),
    path("agenda/print", weeks.print_week, name="agenda-print"),
    path("agenda/publish", weeks.publish, name="agenda-publish"),
    path("agenda/new", entries.new, name="agenda-new"),
    path("agenda/<int:entry_id>", entries.entry, name="agenda-entry"),
    path("agenda/<int:entry_id>/change", entries.change, name="agenda-change"),
    path("agenda/<int:entry_id>/acts/<slug:name>", entries.act, name="agenda-act"),
    path("agenda/<int:entry_id>/answers/<int:invitee_id>", meetings.answer, name="agenda-answer"),
    path("agenda/<int:entry_id>/present", meetings.present, name="agenda-present"),
    path("agenda/<int:entry_id>/papers/add", meetings.add_paper, name="agenda-paper-add"),
    path("agenda/<int:entry_id>/papers/<int:paper_id>", meetings.paper_file, name="agenda-paper"),
    path("agenda/<int:entry_id>/papers/<int:paper_id>/remove", meetings.remove_paper, name="agenda-paper-remove"),
    path("agenda/<int:entry_id>/conclusions", meetings.conclude, name="agenda-conclude"),
    path("agenda/<int:entry_id>/conclusions/<int:point_id>/give", meetings.give, name="agenda-give"),
    path("agenda/<int:entry_id>/notice", meetings.notice, name="agenda-notice"),
    path("agenda/<int:entry_id>/invitation.ics", feeds.invitation, name="agenda-invitation"),
    path("agenda/venues", feeds.venues, name="venues"),
    path("agenda/venues/new", feeds.new_venue, name="venue-new"),
    path("agenda/venues/<int:venue_id>/close", feeds.close_venue, name="venue-close"),
    path("agenda/feed/make", feeds.make, name="feed-make"),
    path("agenda/feed/revoke", feeds.revoke, name="feed-revoke"),
    path("agenda/feeds/<str:secret>.ics", feeds.feed, name="feed"),
]
