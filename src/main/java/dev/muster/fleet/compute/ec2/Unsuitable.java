package dev.muster.fleet.compute.ec2;

/** A launch that cannot be carried out as the config has it; the message says what to change. */
final class Unsuitable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unsuitable(String message) {
    super(message);
  }
}
