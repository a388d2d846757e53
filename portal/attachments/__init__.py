"""Files of posts: attached to a version, frozen with it, handed out to those who may read it."""
