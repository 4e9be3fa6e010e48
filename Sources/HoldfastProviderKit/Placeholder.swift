// The first file of this layer is still to come.
