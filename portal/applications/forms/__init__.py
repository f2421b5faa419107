"""Shapes and messages of the forms; who may send them is the policy's business."""

from portal.applications.forms.application import EditForm, StartForm
from portal.applications.forms.deadline import YEARS, DeadlineFields
from portal.applications.forms.freezing import UnfreezeForm
from portal.applications.forms.section import AssignForm, StateForm
from portal.applications.forms.team import AddColleagueForm, InvitePartnerForm, InvitePersonForm, RoleForm

__all__ = [
    "YEARS",
    "AddColleagueForm",
    "AssignForm",
    "DeadlineFields",
    "EditForm",
    "InvitePartnerForm",
    "InvitePersonForm",
    "RoleForm",
    "StartForm",
    "StateForm",
    "UnfreezeForm",
]
