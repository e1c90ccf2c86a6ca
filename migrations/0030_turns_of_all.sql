-- The turns of all factories, joined by hashing: within a rebuild, or a first large import, the tables were filled a moment ago and look
-- empty to the planner, which read all states again for each span.
alter function count_turns() set enable_nestloop to off;
