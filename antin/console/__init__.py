"""The `antin` command for operators; stand-alone commands need neither database nor server."""
