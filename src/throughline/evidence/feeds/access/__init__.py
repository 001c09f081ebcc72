"""Who could see what of a feed, and why: agreements in force, put into words before anybody asks."""
