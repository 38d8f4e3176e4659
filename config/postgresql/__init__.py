"""Django's PostgreSQL backend, whose compiler remembers what every question of one shape has in common (`compiler`)."""
