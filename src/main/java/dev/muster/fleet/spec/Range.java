package dev.muster.fleet.spec;

/** A closed range of whole numbers, as vCPU or GiB. */
public record Range(int min, int max) {
  public Range {
    if (min < 1 || max < min) {
      throw new IllegalArgumentException("Not a range: " + min + " to " + max);
    }
  }

  public boolean contains(int value) {
    return min <= value && value <= max;
  }

  /** Whether any value lies in both. */
  public boolean meets(Range other) {
    return min <= other.max && other.min <= max;
  }

  @Override
  public String toString() {
    return min == max ? Integer.toString(min) : min + " to " + max;
  }
}
