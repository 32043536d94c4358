// SPDX-License-Identifier: Apache-2.0
package holdfast.programs;

import java.util.function.BooleanSupplier;
import org.apache.spark.util.Clock;

/** The clock of a query's triggers: it stands still within a trigger, and who drives the query says when the next is. */
final class SteppedClock implements Clock {
  private static final int LOOK_AGAIN_MS = 20;

  private long now;
  private boolean waiting;
  private boolean released;

  SteppedClock(long now) {
    this.now = now;
  }

  @Override
  public synchronized long getTimeMillis() {
    return now;
  }

  @Override
  public long nanoTime() {
    return getTimeMillis() * 1_000_000;
  }

  /** Called by the query after each trigger. */
  @Override
  public synchronized long waitTillTime(long ignored) {
    waiting = true;
    notifyAll();
    try {
      while (!released) {
        wait();
      }
    } catch (InterruptedException stopped) {
      throw SteppedClock.<RuntimeException>unchecked(stopped); // which the query expects when it is stopped
    } finally {
      waiting = false;
    }
    released = false;
    return now;
  }

  /** Runs the next trigger at `time`. */
  synchronized void release(long time) {
    now = time;
    released = true;
    waiting = false;
    notifyAll();
  }

  /** Until the trigger has ended, or the query has. */
  synchronized void awaitTrigger(BooleanSupplier isActive) throws InterruptedException {
    while (!waiting && isActive.getAsBoolean()) {
      wait(LOOK_AGAIN_MS);
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> E unchecked(Throwable failure) throws E {
    throw (E) failure;
  }
}
