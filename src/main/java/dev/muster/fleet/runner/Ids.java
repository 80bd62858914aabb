package dev.muster.fleet.runner;

import java.util.random.RandomGenerator;

/** Random lower-case names: nearly 5 bits a character, without vowels that would spell words. */
final class Ids {
  private static final String ALPHABET = "0123456789bcdfghjkmnpqrstvwxyz";

  private Ids() {}

  static String random(RandomGenerator random, int length) {
    StringBuilder id = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return id.toString();
  }
}
