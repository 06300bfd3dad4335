"""A stand-in for the google provider of Terraform that needs no network and makes nothing.

It speaks the plugin protocol and serves the schema of one published release, rebuilt from the bindings that are generated from it
(rebuild.py). Terraform itself then does the checking: unknown and missing arguments, types, references, for_each, preconditions, cycles.
What no schema says and Google refuses all the same is in google.py. It cannot see which arguments exclude each other, which
changes replace a resource, what Google fills in by itself, or what an account may do: only a real project proves that.
"""
