"""Sphinx settings: Markdown pages, Google-style docstrings, one theme, no files from other sites."""

from maas_client import __version__

project = "maas_client"
author = "maas_client contributors"
release = version = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
default_role = "code"  # in docstrings a word in backticks is code
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_use_rtype = False
html_theme = "furo"
html_title = f"maas_client {__version__}"
html_show_sourcelink = False
html_show_copyright = False
html_copy_source = False
exclude_patterns = [".doctrees"]
suppress_warnings = ["myst.xref_missing"]  # links to files that the build copies beside the pages
