"""How the machinery of this node is: its database, disk, migrations, backups, and the processes that say they live.

Keeps what nobody else knows (when it was backed up, when a process beat last); the rest is read from the machine when it is asked.
"""
