package dev.muster.sandbox;

/** What goes wrong with a webhook on its way. */
public enum DeliveryFault {
  /** Nothing. */
  NONE,
  /** It is not sent, and listed as failed. */
  FAILED,
  /** It is not sent and nothing lists it, as after an outage at GitHub. */
  VANISHED,
  /** It is sent twice under the same delivery id. */
  TWICE,
  /** It is sent after the one that follows it. */
  OVERTAKEN
}
