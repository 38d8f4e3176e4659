"""The desk: what a post must do now."""
