"""The stock proof: every number as the sum of what happened, and the simulation that shows what that is worth."""
