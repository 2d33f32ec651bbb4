"""Networks as Keras code: a layer in Keras' words, by family."""
