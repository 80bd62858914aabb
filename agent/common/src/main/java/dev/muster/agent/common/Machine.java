package dev.muster.agent.common;

import java.util.Locale;

/**
 * What the agent says about where it runs.
 *
 * @param boot identifies this boot of the machine
 * @param os {@code linux} or {@code windows}
 * @param arch {@code amd64} or {@code arm64}
 * @param version the agent's own
 */
public record Machine(String boot, String os, String arch, String version) {

  /** This machine, with the architecture of its Java and the version in the agent's jar. */
  public static Machine here(String boot, String os) {
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String version = Machine.class.getPackage().getImplementationVersion();
    return new Machine(
        boot,
        os,
        arch.equals("aarch64") ? "arm64" : arch,
        version == null ? "development" : version);
  }
}
