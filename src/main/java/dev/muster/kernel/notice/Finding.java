package dev.muster.kernel.notice;

import java.util.Optional;

/**
 * One thing that was looked at, and how it is.
 *
 * @param check what, in few words
 * @param ok false when it keeps the appliance from its work
 * @param mend the way out; with an {@code ok} one a warning, empty when all is well
 */
public record Finding(String check, boolean ok, String detail, Optional<String> mend) {
  public static Finding well(String check, String detail) {
    return new Finding(check, true, detail, Optional.empty());
  }

  public static Finding warning(String check, String detail, String mend) {
    return new Finding(check, true, detail, Optional.of(mend));
  }

  public static Finding ill(String check, String detail, String mend) {
    return new Finding(check, false, detail, Optional.of(mend));
  }
}
