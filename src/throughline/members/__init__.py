"""Who we are: places, organizations, people, groups and the seats that give them their rights."""
