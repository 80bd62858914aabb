package dev.muster.fleet.acceptance;

import java.util.List;

/** The checks of {@code muster doctor}. */
public interface Doctor {
  /** Looks at everything; each line is a check that does not hold, with the way out. */
  List<String> ills() throws InterruptedException;
}
