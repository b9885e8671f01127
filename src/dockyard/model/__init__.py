"""The words of Dockyard as frozen structs. Imports nothing of ours, does no I/O."""
