"""Values with no opinion: texts, problems, money, times, ids, paths, JSON, decisions. No I/O, no clock."""
