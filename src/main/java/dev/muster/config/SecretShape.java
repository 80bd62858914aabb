package dev.muster.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/** Whatever is written here may be a secret by mistake, so no message quotes any of it. */
record SecretShape() implements Shape<SecretRef> {
  private static final Shape<String> NAME = Shapes.name();
  private static final String HINT =
      "write { secret: NAME } and put the value into secrets.yml of the appliance's home";

  @Override
  public Optional<SecretRef> read(YamlNode node, Reading at) {
    if (node instanceof YamlNode.Scalar scalar && !scalar.isNull()) {
      return at.refuse(node, "a secret must not stand in the config", HINT);
    }
    if (!(node instanceof YamlNode.Mapping(Place place, List<YamlNode.Entry> entries))
        || entries.size() != 1
        || !entries.getFirst().key().text().equals("secret")) {
      return at.refuse(node, "expected a reference to a secret", HINT);
    }
    YamlNode name = entries.getFirst().value();
    if (!(name instanceof YamlNode.Scalar scalar)
        || scalar.isNull()
        || !((TextShape) NAME).pattern().matcher(scalar.text()).matches()) {
      return at.refuse(
          name,
          "not a name of a secret",
          "a name has letters, digits, '-', '_' and '.', at most 100; the value does not belong here");
    }
    return Optional.of(new SecretRef(scalar.text()));
  }

  @Override
  public void describe(ObjectNode schema) {
    schema.put("type", "object").put("additionalProperties", false);
    schema.putArray("required").add("secret");
    NAME.describe(schema.putObject("properties").putObject("secret"));
  }

  @Override
  public String words() {
    return "reference to a secret";
  }

  @Override
  public String write(SecretRef value) {
    return "{ secret: " + value.name() + " }";
  }
}
