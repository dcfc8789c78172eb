//! The one door to atomics, shared cells, threads and allocation, with a model-checking face.
