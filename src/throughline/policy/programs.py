"""Hands linear programs to HiGHS, which is asked again and again with other wishes."""

from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_MOST_NODES = 500  # of a search for whole numbers


def solver_of(
    equations: Any, totals: NDArray[Any], most: NDArray[np.float64], *, whole: bool = False
) -> highspy.Highs:
    """A solver for unknowns between 0 and `most` (n) with `equations @ unknowns == totals` (m x n, m).

    Without presolve, which costs more than such programs do; a search for `whole` numbers can't do without.
    """
    matrix, program = sparse.csc_array(equations), highspy.HighsLp()
    program.num_row_, program.num_col_ = matrix.shape
    program.col_cost_ = program.col_lower_ = np.zeros(len(most))
    program.col_upper_ = most
    program.row_lower_ = program.row_upper_ = totals
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_, program.a_matrix_.index_ = matrix.indptr, matrix.indices
    program.a_matrix_.value_ = matrix.data
    if whole:
        program.integrality_ = [highspy.HighsVarType.kInteger] * len(most)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("presolve", "on" if whole else "off")
    solver.setOptionValue("mip_max_nodes", _MOST_NODES)
    solver.passModel(program)
    return solver
