// SPDX-License-Identifier: Apache-2.0
package holdfast.real_time;

import java.io.Serializable;
import org.apache.spark.util.Clock;

/** A clock of the whole JVM that stands still until it is advanced; as many copies as Spark makes show the same time. */
public final class SteppedClock implements Clock, Serializable {
  private static final Object LOCK = new Object();
  private static long nowMs;

  public static void set(long ms) {
    synchronized (LOCK) {
      nowMs = ms;
      LOCK.notifyAll();
    }
  }

  @Override
  public long getTimeMillis() {
    synchronized (LOCK) {
      return nowMs;
    }
  }

  @Override
  public long nanoTime() {
    return getTimeMillis() * 1_000_000;
  }

  @Override
  public long waitTillTime(long targetMs) {
    synchronized (LOCK) {
      while (nowMs < targetMs) {
        try {
          LOCK.wait(10);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          return nowMs;
        }
      }
      return nowMs;
    }
  }
}
