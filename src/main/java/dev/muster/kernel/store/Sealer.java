package dev.muster.kernel.store;

import java.util.List;

/** Links a commit that holds sealed rows into a chain, inside that commit. */
public interface Sealer {
  /** The number of the newest link, 0 before the first; asked at start and after an outage. */
  long last(Read read);

  /** Called once per commit that sealed at least one row, with the digests in order. */
  void link(Tx tx, List<byte[]> digests);
}
