package dev.muster.agent.linux;

/**
 * What the agent says about where it runs.
 *
 * @param boot identifies this boot of the machine
 * @param arch {@code amd64} or {@code arm64}
 * @param version the agent's own
 */
record Machine(String boot, String arch, String version) {
  static final String OS = "linux";
}
