package dev.muster.cli;

import dev.muster.Appliance;
import picocli.CommandLine.Command;

/** {@code muster schema}. */
@Command(
    name = "schema",
    description = {
      "Prints the JSON Schema of the config, for editors.",
      "For the YAML language server, put this at the top of the file:",
      "  # yaml-language-server: $schema=./muster.schema.json"
    })
final class SchemaCommand implements Runnable {
  private final World world;

  SchemaCommand(World world) {
    this.world = world;
  }

  @Override
  public void run() {
    world.out().print(Appliance.configLoader().schema());
  }
}
