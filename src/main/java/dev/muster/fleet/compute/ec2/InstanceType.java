package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.spec.Arch;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A size of machine.
 *
 * @param memory in MiB
 * @param kind what sets it apart from the usual
 * @param spot whether it is sold as spot capacity
 */
public record InstanceType(String name, int cpu, int memory, Arch arch, Kind kind, boolean spot) {
  private static final Pattern GENERATION = Pattern.compile("[a-z-]+(\\d{1,3}).*");

  /** Families that serve whatever names no family: general purpose, compute, memory. */
  private static final Pattern COMMON = Pattern.compile("[cmr]\\d+[a-z]*(-flex)?");

  /** What sets a type apart from the usual. */
  public enum Kind {
    USUAL,
    /** Slows down when its credit is used up. */
    BURSTABLE,
    /** Has a graphics or other accelerator, and its price. */
    ACCELERATED
  }

  /** {@code c7g} of {@code c7g.xlarge}. */
  public String family() {
    return name.substring(0, name.indexOf('.'));
  }

  /** 7 of {@code c7g.xlarge}; empty where a family has none. */
  public OptionalInt generation() {
    Matcher matcher = GENERATION.matcher(family());
    return matcher.matches()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  /** Whether it may be chosen where no family is named. */
  boolean common() {
    return kind == Kind.USUAL && COMMON.matcher(family()).matches();
  }
}
