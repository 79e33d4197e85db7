"""Someone else's numbers against exact moments: p-values that hold at every finite sample size, and the samples that they need."""
