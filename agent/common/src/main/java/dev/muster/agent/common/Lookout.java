package dev.muster.agent.common;

import java.io.IOException;
import java.util.List;

/** Looks at one thing about the machine that may change while it works. */
interface Lookout {
  /**
   * What is new since the last look; each notice is given once.
   *
   * @throws IOException when it cannot be seen now; the next look may see it
   */
  List<Notice> look() throws IOException;
}
