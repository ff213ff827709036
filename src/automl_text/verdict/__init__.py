"""From what the search measured to records that a person reads: leaderboard, verdict, insight."""
