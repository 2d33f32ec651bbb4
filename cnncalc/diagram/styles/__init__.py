"""What a picture shows: boxes and arrows, volumes to scale, stacks of maps, a window at one place. A module a style."""
