"""Values as HTML, SVG, PNG and text: pieces that know no client."""
