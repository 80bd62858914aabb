package dev.muster.cli;

import picocli.CommandLine.Command;

/** {@code muster version}. */
@Command(name = "version", description = "Shows version, commit, Java and build date.")
final class VersionCommand implements Runnable {
  private final World world;

  VersionCommand(World world) {
    this.world = world;
  }

  @Override
  public void run() {
    world.out().println(world.build().words());
  }
}
