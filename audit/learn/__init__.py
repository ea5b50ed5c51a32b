"""Learning: corpora, features, training, calibration, evaluation of the classifiers in models/."""
