"""Pages of scanned papers: sent many at once, confirmed one by one."""
