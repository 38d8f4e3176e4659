"""edXML, the message of the national document axis: read, written, packed and unpacked. Pure: no database, no network.

The reader takes what systems in use really send and names everything odd in notes; the writer keeps to the form that most of them
accept. What is read, tolerated and refused: docs/edxml.md.
Source: QCVN 102:2016/BTTTT (Circular 10/2016/TT-BTTTT) with amendment 1:2022 (Circular 01/2022/TT-BTTTT).
"""
