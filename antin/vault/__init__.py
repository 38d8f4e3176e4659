"""State secrets: contents sealed to their readers, who may open them, their copies, their level and their end.

Law: the law on the protection of state secrets (29/2018/QH14, from 1 March 2026 Law 117/2025/QH15), Decree 26/2020/NĐ-CP.
Form: CMS AuthEnvelopedData (RFC 5083, 5084). The room knows no document: what is sealed belongs to a `Classified`.
"""
