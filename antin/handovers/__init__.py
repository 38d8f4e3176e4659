"""Hand-overs of posts: who leaves, who follows, what is open that day, signed by both.

What belongs to a post goes on by its holder `P<post>`; what is bound to a person is handed as the list says.
"""
