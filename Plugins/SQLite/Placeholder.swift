// The first file of this plugin is still to come.
