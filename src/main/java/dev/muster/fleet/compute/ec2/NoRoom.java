package dev.muster.fleet.compute.ec2;

/** There is no room for a launch now, as is known before EC2 is asked. */
final class NoRoom extends RuntimeException {
  NoRoom(String message) {
    super(message);
  }
}
