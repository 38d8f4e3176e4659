"""Who sits at the screen: sign-in, the post acted in, timeouts, sign-out, and the first administrator of an empty node."""
