package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.config.Reading;
import dev.muster.config.Shape;
import dev.muster.config.YamlNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/** The address of an API; plain HTTP is allowed for stand-ins on the same machine. */
record ApiUrlShape() implements Shape<URI> {
  @Override
  public Optional<URI> read(YamlNode node, Reading at) {
    if (!(node instanceof YamlNode.Scalar scalar) || scalar.isNull()) {
      return at.expected("an " + words(), node);
    }
    try {
      URI url = new URI(scalar.text().replaceAll("/+$", ""));
      boolean http = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
      if (http && url.getHost() != null && url.getRawUserInfo() == null && url.getQuery() == null) {
        return Optional.of(url);
      }
    } catch (URISyntaxException e) {
      // Told below, without the text: an address may carry a password.
    }
    return at.refuse(
        node,
        "expected the address of GitHub's API",
        "as https://api.github.com, nothing else in it");
  }

  @Override
  public void describe(ObjectNode schema) {
    schema.put("type", "string").put("format", "uri").put("pattern", "^https?://");
  }

  @Override
  public String words() {
    return "address";
  }
}
