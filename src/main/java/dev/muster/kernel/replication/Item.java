package dev.muster.kernel.replication;

import java.time.Instant;
import java.util.Optional;

/**
 * The current state of one aggregate, as its writer had it.
 *
 * @param generation of the writer: rises with each start of its appliance
 * @param version rises with each change within a generation
 * @param deleted a gravestone: the aggregate is gone
 * @param expires when the table may forget it; empty for as long as it is there
 * @param body JSON object; empty object on a gravestone
 */
public record Item(
    Key key,
    long generation,
    long version,
    Instant writtenAt,
    boolean deleted,
    Optional<Instant> expires,
    String body) {
  /** Over so many partitions of the table a region's items are spread. */
  public static final int SHARDS = 16;

  /** A larger body is not written: the table takes 400 KB with all names and keys. */
  public static final int LARGEST_BODY = 350_000;

  /**
   * Which aggregate, of which region.
   *
   * @param writer the region that alone writes it
   */
  public record Key(String writer, String kind, String name) {
    /** The partition that it lies in, from 0. */
    public int shard() {
      return Math.floorMod((kind + "#" + name).hashCode(), SHARDS);
    }

    @Override
    public String toString() {
      return "%s %s of %s".formatted(kind, name, writer);
    }
  }

  /** Whether it is what came after another state of the same aggregate. */
  public boolean follows(long otherGeneration, long otherVersion) {
    return generation != otherGeneration ? generation > otherGeneration : version > otherVersion;
  }
}
