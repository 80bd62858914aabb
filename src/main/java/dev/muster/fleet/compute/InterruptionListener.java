package dev.muster.fleet.compute;

import java.time.Instant;

/** Hears which machines a provider takes away. What it was told is on disk when a call returns. */
public interface InterruptionListener {
  /**
   * A machine will be gone within minutes, whatever anybody does. Hearing it again changes nothing.
   *
   * @param provider as the config names it
   * @param instance the provider's id of the machine
   * @param at when the provider said so
   * @param reason in words
   * @return false where no such machine is known here
   */
  boolean interrupted(String provider, String instance, Instant at, String reason);

  /**
   * A machine may be taken away some time; it is noted on its runner's timeline and changes
   * nothing.
   *
   * @return false where no such machine is known here
   */
  boolean endangered(String provider, String instance, Instant at, String reason);
}
