"""Hand-written building blocks of the synthetic cases: exams, normal sentences, findings, recommendations.

Notation used in the texts:
  (a|b|c)      one of the alternatives, drawn at random; an empty alternative is allowed, groups may nest
  {side}       left or right, drawn for this finding
  {exam_side}  the side of the examined limb
  {n:3-9}      a whole number; {d:1.2-4.0} a number with one decimal
Every sentence was written for this project; none describes a real patient.
"""

# A recommendation has one fixed form. It belongs to one kind of finding and is always the last item.
RECOMMENDATIONS = {
    "chest_ct": "Recommend follow-up CT of the chest in 6 months.",
    "chest_radiograph": "Recommend follow-up chest radiograph in 6 weeks.",
    "thyroid_aspiration": "Recommend fine needle aspiration of the nodule.",
    "orthopedics": "Recommend orthopedic consultation.",
    "neurosurgery": "Recommend neurosurgical consultation.",
    "aorta_ultrasound": "Recommend follow-up ultrasound of the aorta in 12 months.",
}


def finding(kind, urgency, organs, variants, negated, recommendation=None, threshold=None, unseen=False):
    """One kind of finding.

    urgency: 0 is the most urgent; the impression is ordered by it.
    organs: the normal sentences that it replaces.
    variants: (number form, head, place, measure) with number form "a" (takes an article), "some" (no article) or
        "many" (plural); measure is "" or a number with its unit, written before the head in the impression.
    threshold: the least measure in millimetres from which the recommendation holds (None: always).
    """
    return {
        "kind": kind, "urgency": urgency, "organs": organs, "variants": variants, "negated": negated,
        "recommendation": recommendation, "threshold": threshold, "unseen": unseen,
    }


MM, CM = "{n:%s} mm", "{d:%s} cm"

STEATOSIS = finding(
    "hepatic_steatosis", 7, ["liver"], [("some", "(mild|moderate|diffuse) hepatic steatosis", "", "")],
    "No hepatic steatosis.")
HEPATIC_CYST = finding(
    "hepatic_cyst", 8, ["liver"],
    [("a", "simple cyst", "in the {side} hepatic lobe", CM % "1.1-5.8"),
     ("a", "hepatic cyst", "in segment (2|4|6|7|8)", CM % "1.1-4.9")], "No hepatic cyst.")
RENAL_CYST = finding(
    "renal_cyst", 8, ["kidneys"],
    [("a", "simple cyst", "in the (upper pole|lower pole|interpolar region) of the {side} kidney", CM % "1.2-6.4")],
    "No renal cyst.")
RENAL_STONE = finding(
    "renal_calculus", 4, ["kidneys"],
    [("a", "(nonobstructing|) calculus", "in the (upper pole of the|lower pole of the|) {side} kidney", MM % "2-8")],
    "No renal calculus.")
ANEURYSM = finding(
    "aortic_aneurysm", 3, ["aorta"],
    [("a", "(infrarenal|fusiform) abdominal aortic aneurysm", "", CM % "4.0-4.4")],
    "No abdominal aortic aneurysm.", "aorta_ultrasound")
EFFUSION = finding(
    "pleural_effusion", 4, ["pleura"],
    [("a", "(small|moderate|large|trace) {side} pleural effusion", "", ""),
     ("a", "(small|moderate|trace) pleural effusion", "on the {side}", ""),
     ("many", "(small|moderate) bilateral pleural effusions", "", "")], "No pleural effusion.")
CONSOLIDATION = finding(
    "consolidation", 2, ["lungs"],
    [("some", "(focal|patchy|dense|segmental) consolidation",
      "in the ({side} (lower|upper) lobe|right middle lobe|lingula|{side} lung base)", "")],
    "No consolidation.", "chest_radiograph")
POPLITEAL_CYST = finding(
    "popliteal_cyst", 6, ["popliteal"], [("a", "popliteal cyst", "behind the {exam_side} knee", CM % "1.8-6.2")],
    "No popliteal cyst.")
LEVEL = "(L2-L3|L3-L4|L4-L5|L5-S1)"

EXAMS = {
    "ct_head": {
        "modality": "CT", "body_part": "head", "name": "head CT", "prior": "(CT of the head|head CT|noncontrast head CT)",
        "normal": "No acute intracranial abnormality.",
        "indications": [
            "(Fall|Fall from standing|Trip and fall|Motor vehicle collision|Bicycle accident) (with head strike|with headache|on anticoagulation|and brief loss of consciousness).",
            "(Severe|Worsening|New|Thunderclap) headache(| and vomiting| for {n:2-9} days| since this morning).",
            "(Confusion|Altered mental status|Dizziness|First seizure|Syncope)( since yesterday| in a {n:61-89}-year-old| after a fall|).",
        ],
        "organs": {
            "extra_axial": ["No (extra-axial|subdural or epidural) (collection|fluid collection)(| is identified).",
                            "(Extra-axial spaces are|The extra-axial spaces are) (normal|clear|preserved)."],
            "parenchyma": ["(The brain parenchyma|Brain parenchyma) (is normal in attenuation|shows no mass or edema|is unremarkable).",
                           "Gray-white (matter|) differentiation is (preserved|maintained|intact) (throughout|in both hemispheres|)."],
            "ventricles": ["(The ventricles|Ventricles and sulci|The ventricles and sulci) are (normal in size|age appropriate|normal in size and configuration|symmetric).",
                           "No (hydrocephalus|ventricular enlargement)."],
            "midline": ["(The midline structures are central|No midline shift|No mass effect or midline shift|Midline is preserved)."],
            "cisterns": ["(The basal cisterns|Basal cisterns|The cisterns) are (patent|open|well seen|preserved)."],
            "sinuses": ["(The paranasal sinuses|Paranasal sinuses|Visualized sinuses) are (clear|well aerated|aerated)."],
            "mastoids": ["(The mastoid air cells|Mastoid air cells|Both mastoids) are (clear|well aerated|pneumatized)."],
            "bone": ["(The calvarium is intact|No skull fracture|The skull base and calvarium are intact|Calvarium is unremarkable)."],
            "scalp": ["(The scalp|Scalp soft tissue|The overlying scalp) is (unremarkable|normal|without swelling)."],
            "orbits": ["(The orbits|Both orbits|Visualized orbits) are (normal|unremarkable|intact)."],
        },
        "findings": [
            finding("intracranial_hemorrhage", 0, ["extra_axial", "parenchyma"], [
                ("a", "acute subdural hematoma", "along the {side} (frontal|parietal|cerebral|temporal) convexity", MM % "4-16"),
                ("a", "acute epidural hematoma", "along the {side} (temporal|frontal) convexity", MM % "5-18"),
                ("a", "acute intraparenchymal hemorrhage", "in the {side} (thalamus|basal ganglia|frontal lobe|parietal lobe|cerebellum)", CM % "1.0-4.2"),
                ("some", "acute subarachnoid hemorrhage", "in the {side} (sylvian fissure|frontal sulci|parietal sulci)", "")],
                "No acute intracranial hemorrhage.", "neurosurgery"),
            finding("scalp_hematoma", 5, ["scalp"], [("a", "(small|moderate|large) {side} (frontal|parietal|occipital) scalp hematoma", "", "")],
                    "No scalp hematoma."),
            finding("chronic_infarct", 6, ["parenchyma"], [
                ("a", "(small|) chronic infarct", "in the {side} (cerebellar hemisphere|frontal lobe|occipital lobe|basal ganglia|parietal lobe)", "")],
                "No chronic infarct."),
            finding("small_vessel_change", 7, ["parenchyma"], [
                ("some", "(mild|moderate|severe) chronic small vessel ischemic change", "(in the periventricular white matter|)", "")],
                "No small vessel ischemic change."),
            finding("sinus_mucosal_thickening", 8, ["sinuses"], [
                ("some", "(mild|moderate) mucosal thickening", "in the {side} (maxillary|sphenoid|frontal) sinus", "")],
                "No mucosal thickening."),
            finding("extra_axial_mass", 3, ["extra_axial"], [
                ("a", "calcified extra-axial mass", "along the {side} (sphenoid wing|frontal convexity|tentorium)", CM % "1.1-3.4")],
                "No extra-axial mass.", unseen=True),
            finding("mastoid_effusion", 5, ["mastoids"], [("a", "(small|large|partial) {side} mastoid effusion", "", "")],
                    "No mastoid effusion.", unseen=True),
        ],
    },
    "dx_chest": {
        "modality": "DX", "body_part": "chest", "name": "chest radiograph", "prior": "(chest radiograph|two-view chest radiograph|portable chest radiograph)",
        "normal": "No acute cardiopulmonary abnormality.",
        "indications": [
            "(Cough|Productive cough|Cough and fever|Fever|Shortness of breath|Dyspnea on exertion|Wheezing)( for {n:2-14} days| for {n:2-6} weeks|, smoker| in a {n:19-88}-year-old|).",
            "(Chest pain|Pleuritic chest pain|Preoperative evaluation|Positive tuberculin test|Weight loss|Hypoxia|Follow-up of heart failure)( today| in a {n:24-86}-year-old|).",
        ],
        "organs": {
            "lungs": ["(The lungs|Both lungs|Lungs) are (clear|well expanded and clear|well aerated|clear bilaterally).",
                      "No (focal airspace opacity|focal lung opacity|airspace disease|infiltrate)(| is identified)."],
            "heart": ["(The cardiac silhouette|Heart size|Cardiac size) is (normal|within normal limits|not increased)."],
            "mediastinum": ["(The mediastinal contours|Mediastinal contours|The mediastinum and hila|Cardiomediastinal contours) are (normal|unremarkable|within normal limits)."],
            "pleura": ["No (pleural effusion or pneumothorax|pneumothorax or effusion|pleural abnormality|effusion or pneumothorax is present).",
                       "(The pleural spaces|Both pleural spaces|The costophrenic angles) are (clear|sharp)."],
            "vessels": ["(Pulmonary vascularity|The pulmonary vasculature) is (normal|not congested|within normal limits)."],
            "bones": ["(The osseous structures|Visualized bones|Osseous structures) (are intact|show no acute abnormality|are unremarkable)."],
            "airway": ["(The trachea|Trachea) is (midline|central|midline and patent)."],
            "abdomen": ["(The upper abdomen|Visualized upper abdomen) is (unremarkable|normal).", "No free air (under|below) the diaphragm."],
            "diaphragm": ["(The hemidiaphragms|Both hemidiaphragms) are (normal in position|smooth|well defined)."],
        },
        "findings": [
            CONSOLIDATION, EFFUSION,
            finding("pulmonary_nodule", 5, ["lungs"], [
                ("a", "(solid|rounded|) nodule", "in the ({side} (upper|lower) lobe|{side} lung apex|right middle lobe|{side} mid lung)", MM % "7-18")],
                "No pulmonary nodule.", "chest_ct", threshold=6),
            finding("pneumothorax", 0, ["pleura"], [("a", "(small|moderate|large) {side} (apical|) pneumothorax", "", "")], "No pneumothorax."),
            finding("cardiomegaly", 6, ["heart"], [("some", "(mild|moderate|marked) cardiomegaly", "", ""),
                                                    ("some", "(mild|moderate) enlargement of the cardiac silhouette", "", "")], "No cardiomegaly."),
            finding("pulmonary_edema", 1, ["vessels", "lungs"], [("some", "(mild|moderate|severe) (interstitial|) pulmonary edema", "", "")], "No pulmonary edema."),
            finding("atelectasis", 7, ["lungs"], [("some", "(linear|mild|discoid|subsegmental) atelectasis", "at the {side} (lung|) base", ""),
                                                  ("some", "bibasilar (linear|mild) atelectasis", "", "")], "No atelectasis."),
            finding("hiatal_hernia", 6, ["abdomen"], [("a", "(small|moderate|large) hiatal hernia", "behind the heart", "")], "No hiatal hernia.", unseen=True),
            finding("elevated_hemidiaphragm", 5, ["diaphragm"], [("some", "(mild|moderate|marked) elevation", "of the {side} hemidiaphragm", "")],
                    "No elevation of the hemidiaphragm.", unseen=True),
        ],
    },
    "ct_chest": {
        "modality": "CT", "body_part": "chest", "name": "chest CT", "prior": "(CT of the chest|chest CT|contrast-enhanced chest CT)",
        "normal": "No acute abnormality of the chest.",
        "indications": [
            "(Shortness of breath|Acute chest pain|Tachycardia|Hypoxia|Hemoptysis|Elevated D-dimer)( after surgery| after a long flight| for {n:2-8} days| in a {n:23-84}-year-old|).",
            "(Abnormal chest radiograph|Chronic cough|Smoking history|Occupational dust exposure|Unexplained weight loss|Persistent fever)( in a {n:41-83}-year-old| for {n:2-9} weeks|).",
        ],
        "organs": {
            "lungs": ["(The lungs|Both lungs|The lung parenchyma) (are clear|are well aerated|show no focal abnormality|are clear without mass).",
                      "No (airspace disease|ground-glass opacity|lung mass)(| is identified)."],
            "airways": ["(The central airways|Central airways|The trachea and bronchi|Airways) are (patent|clear|widely patent)."],
            "pleura": ["No (pleural effusion or thickening|pleural or pericardial effusion|pleural fluid).", "(Pleural surfaces|The pleural surfaces) (are smooth|show no thickening)."],
            "heart": ["(The heart|Heart) is (normal in size|not enlarged|of normal size).", "(Cardiac chambers|The cardiac chambers) are (normal in size|not dilated)."],
            "pericardium": ["(The pericardium is normal|No pericardial thickening|Pericardium is unremarkable)."],
            "aorta": ["(The thoracic aorta|Thoracic aorta|The aorta) is (normal in caliber|not dilated|of normal caliber)."],
            "arteries": ["(The pulmonary arteries|Pulmonary arteries) (are well opacified|show no filling defect|are normal in caliber)."],
            "nodes": ["No (enlarged lymph nodes|mediastinal or hilar adenopathy|enlarged axillary nodes|thoracic adenopathy)."],
            "coronaries": ["No coronary (artery|) calcification.", "(The coronary arteries|Coronary arteries) are (free of calcification|unremarkable)."],
            "bones": ["(No destructive osseous lesion|Osseous structures are intact|The bones are unremarkable|No suspicious bone lesion)."],
            "abdomen": ["(The visualized upper abdomen|Imaged upper abdomen|Limited view of the upper abdomen) is (unremarkable|normal)."],
        },
        "findings": [
            CONSOLIDATION, EFFUSION,
            finding("pulmonary_nodule", 5, ["lungs"], [
                ("a", "(solid|part-solid|spiculated|) nodule", "in the ({side} (upper|lower) lobe|right middle lobe|lingula)", MM % "6-15")],
                "No pulmonary nodule.", "chest_ct", threshold=6),
            finding("small_pulmonary_nodule", 6, ["lungs"], [
                ("a", "(solid|calcified|subpleural|) nodule", "in the ({side} (upper|lower) lobe|right middle lobe|lingula)", MM % "2-5")],
                "No pulmonary nodule."),
            finding("pulmonary_embolism", 0, ["arteries"], [
                ("a", "(acute|acute occlusive|acute nonocclusive) pulmonary embolus", "in the {side} (main pulmonary artery|lower lobe artery|upper lobe artery|interlobar artery)", "")],
                "No pulmonary embolus."),
            finding("emphysema", 7, ["lungs"], [("some", "(mild|moderate|severe) (centrilobular|paraseptal) emphysema", "(in the upper lobes|)", "")], "No emphysema."),
            finding("lymphadenopathy", 4, ["nodes"], [
                ("a", "enlarged (right paratracheal|subcarinal|left hilar|right hilar|prevascular) lymph node", "", CM % "1.2-2.8")], "No lymphadenopathy."),
            finding("coronary_calcification", 8, ["coronaries"], [("some", "(mild|moderate|severe) coronary artery calcification", "", "")],
                    "No coronary artery calcification."),
            finding("pericardial_effusion", 3, ["pericardium"], [("a", "(small|moderate|large) pericardial effusion", "", "")], "No pericardial effusion.", unseen=True),
            finding("bronchiectasis", 6, ["airways"], [("some", "(mild|moderate|cylindrical|varicose) bronchiectasis", "in the (right middle lobe|lingula|{side} lower lobe)", "")],
                    "No bronchiectasis.", unseen=True),
        ],
    },
    "ct_abdomen_pelvis": {
        "modality": "CT", "body_part": "abdomen and pelvis", "name": "CT of the abdomen and pelvis",
        "prior": "(CT of the abdomen and pelvis|abdominal CT|contrast-enhanced abdominal CT)",
        "normal": "No acute abnormality of the abdomen or pelvis.",
        "indications": [
            "(Abdominal pain|Flank pain|Lower abdominal pain|Epigastric pain|Diffuse abdominal pain)( and vomiting| and fever| for {n:2-7} days| with hematuria| in a {n:22-87}-year-old|).",
            "(Hematuria|Weight loss|Nausea and vomiting|Abdominal distension|Anemia|Unexplained leukocytosis|Change in bowel habits)( in a {n:35-84}-year-old| for {n:2-8} weeks|).",
        ],
        "organs": {
            "liver": ["(The liver|Liver) (is normal|enhances homogeneously|is normal in size and contour|shows no focal lesion)."],
            "gallbladder": ["(The gallbladder|Gallbladder) is (normal|unremarkable|not distended).", "No biliary (dilatation|obstruction)."],
            "pancreas": ["(The pancreas|Pancreas) (is normal|is unremarkable|enhances normally|shows no ductal dilatation)."],
            "spleen": ["(The spleen|Spleen) is (normal in size|unremarkable|not enlarged|normal)."],
            "adrenals": ["(The adrenal glands|Both adrenal glands|Adrenals) are (normal|unremarkable|not thickened)."],
            "kidneys": ["(The kidneys|Both kidneys|Kidneys) (enhance symmetrically|are normal|are unremarkable|show no obstruction)."],
            "ureters": ["(The ureters|Both ureters|Ureters) are (normal in caliber|not dilated|unremarkable)."],
            "bowel": ["(The bowel|Small and large bowel|The small bowel) (is normal in caliber|shows no obstruction|is not dilated|is unremarkable)."],
            "colon": ["(The colon|Colon) (is normal|shows no wall thickening|is unremarkable)."],
            "appendix": ["(The appendix|Appendix) is (normal|normal in caliber|well seen and normal)."],
            "bladder": ["(The urinary bladder|Urinary bladder|The bladder) is (normal|unremarkable|well distended)."],
            "nodes": ["No (enlarged lymph nodes|retroperitoneal adenopathy|abdominal or pelvic adenopathy)."],
            "aorta": ["(The abdominal aorta|Abdominal aorta|The aorta) is (normal in caliber|not dilated)."],
            "fluid": ["No (free fluid or free air|ascites|free intraperitoneal air|free pelvic fluid)."],
            "wall": ["(The abdominal wall|Abdominal wall) is (intact|unremarkable)."],
            "bones": ["(No suspicious bone lesion|Visualized bones are unremarkable|The osseous structures are intact)."],
        },
        "findings": [
            STEATOSIS, HEPATIC_CYST, RENAL_CYST, RENAL_STONE, ANEURYSM,
            finding("ureteral_calculus", 1, ["ureters"], [
                ("a", "obstructing calculus", "in the (proximal|distal|mid) {side} ureter", MM % "3-9")], "No ureteral calculus."),
            finding("diverticulitis", 1, ["colon"], [("some", "acute (uncomplicated|) diverticulitis", "of the (sigmoid|descending|distal descending) colon", "")],
                    "No acute diverticulitis."),
            finding("diverticulosis", 9, ["colon"], [("some", "(mild|moderate|extensive) (sigmoid|colonic) diverticulosis", "", "")], "No diverticulosis."),
            finding("inguinal_hernia", 8, ["wall"], [("a", "(small|moderate) fat-containing {side} inguinal hernia", "", "")], "No inguinal hernia."),
            finding("appendicitis", 0, ["appendix"], [("some", "acute (uncomplicated|early|) appendicitis", "", "")], "No appendicitis.", unseen=True),
            finding("adrenal_nodule", 5, ["adrenals"], [("a", "{side} adrenal nodule", "", CM % "1.1-3.1")], "No adrenal nodule.", unseen=True),
            finding("small_bowel_obstruction", 0, ["bowel"], [("a", "(high-grade|partial|low-grade) small bowel obstruction",
                    "with a transition point in the (pelvis|right lower quadrant|mid abdomen)", "")], "No small bowel obstruction.", unseen=True),
            finding("splenomegaly", 6, ["spleen"], [("some", "(mild|moderate|marked) splenomegaly", "", "")], "No splenomegaly.", unseen=True),
        ],
    },
    "us_abdomen": {
        "modality": "US", "body_part": "abdomen", "name": "abdominal ultrasound", "prior": "(abdominal ultrasound|ultrasound of the abdomen|right upper quadrant ultrasound)",
        "normal": "Normal ultrasound of the abdomen.",
        "indications": [
            "(Right upper quadrant pain|Epigastric pain|Abnormal liver enzymes|Elevated bilirubin|Postprandial pain|Pulsatile abdominal mass)( in a {n:25-81}-year-old| for {n:2-10} days| for {n:2-8} weeks|).",
            "(Elevated creatinine|Abdominal bloating|Family history of aneurysm|Nausea after meals|Hepatitis B screening|Diabetes with abnormal liver tests)( in a {n:34-80}-year-old|).",
        ],
        "organs": {
            "liver": ["(The liver|Liver) (is normal in echotexture|is normal in size|shows homogeneous echotexture|shows no focal lesion)."],
            "gallbladder": ["(The gallbladder|Gallbladder) (is normal|is well distended and normal|shows no stones|has a thin wall).", "No (gallbladder wall thickening|pericholecystic fluid)."],
            "ducts": ["(The bile ducts are not dilated|No biliary dilatation|The common bile duct is normal in caliber|Bile ducts are normal)."],
            "pancreas": ["(The pancreas|Visualized pancreas|Pancreas) is (normal|unremarkable|partly obscured by bowel gas)."],
            "spleen": ["(The spleen|Spleen) is (normal in size|unremarkable|homogeneous)."],
            "kidneys": ["(The kidneys|Both kidneys|Kidneys) (are normal in size|are normal in echogenicity|are unremarkable|show normal cortical thickness)."],
            "aorta": ["(The abdominal aorta|Abdominal aorta|The aorta) is (normal in caliber|not aneurysmal|of normal diameter)."],
            "fluid": ["No (ascites|free fluid|free fluid in the abdomen)."],
            "portal": ["(The portal vein|Main portal vein) (is patent|shows normal flow|is patent with hepatopetal flow)."],
            "cava": ["(The inferior vena cava|Inferior vena cava) is (patent|unremarkable)."],
        },
        "findings": [
            STEATOSIS, HEPATIC_CYST, RENAL_CYST, RENAL_STONE, ANEURYSM,
            finding("gallstones", 4, ["gallbladder"], [("many", "(multiple|several|small|mobile) gallstones", "in the gallbladder (lumen|neck|)", "")], "No gallstones."),
            finding("hydronephrosis", 2, ["kidneys"], [("some", "(mild|moderate|severe) {side} hydronephrosis", "", "")], "No hydronephrosis."),
            finding("bile_duct_dilatation", 2, ["ducts"], [("some", "dilatation of the common bile duct to {n:8-14} mm", "", "")], "No biliary dilatation."),
            finding("gallbladder_polyp", 6, ["gallbladder"], [("a", "polyp", "in the gallbladder (fundus|body|neck)", MM % "3-9")], "No gallbladder polyp.", unseen=True),
            finding("ascites", 3, ["fluid"], [("some", "(small|moderate|large) volume ascites", "(in the pelvis|around the liver|in all four quadrants|)", "")],
                    "No ascites.", unseen=True),
        ],
    },
    "us_thyroid": {
        "modality": "US", "body_part": "thyroid", "name": "thyroid ultrasound", "prior": "(thyroid ultrasound|ultrasound of the thyroid|neck ultrasound)",
        "normal": "Normal ultrasound of the thyroid.",
        "indications": [
            "(Palpable neck lump|Palpable thyroid fullness|Neck fullness|Difficulty swallowing|Neck swelling|Hoarseness)( in a {n:22-78}-year-old| for {n:2-9} weeks| for {n:2-9} months|).",
            "(Abnormal thyroid tests|Hypothyroidism|Hyperthyroidism|Fatigue|Family history of thyroid cancer|Elevated thyroid antibodies|Weight gain)( in a {n:24-76}-year-old|).",
        ],
        "organs": {
            "right": ["(The right lobe|Right lobe|The right thyroid lobe) (is normal in size|has normal echotexture|is homogeneous|measures {d:4.0-5.2} cm in length)."],
            "left": ["(The left lobe|Left lobe|The left thyroid lobe) (is normal in size|has normal echotexture|is homogeneous|measures {d:3.9-5.1} cm in length)."],
            "isthmus": ["(The isthmus|Isthmus) (is normal|is thin|is not thickened|measures {n:2-4} mm in thickness)."],
            "size": ["(The thyroid gland|The gland|Thyroid gland) is (normal in size|not enlarged|normal in size and position)."],
            "texture": ["(Parenchymal echotexture|Gland echotexture|Background echotexture) is (homogeneous|normal|uniform)."],
            "flow": ["(Vascularity|Color Doppler flow|Parenchymal vascularity) is (normal|symmetric|not increased)."],
            "nodes": ["No (abnormal cervical lymph nodes|suspicious lymph nodes|enlarged neck nodes|cervical adenopathy)."],
            "vessels": ["(The carotid arteries and jugular veins|Adjacent neck vessels|The jugular veins) are (patent|unremarkable|normal)."],
            "soft": ["(The strap muscles|Surrounding soft tissues|The neck soft tissues) are (normal|unremarkable)."],
            "parathyroid": ["No (parathyroid enlargement|enlarged parathyroid gland)(| is identified)."],
        },
        "findings": [
            finding("thyroid_nodule", 3, ["texture"], [
                ("a", "(solid|solid hypoechoic|solid isoechoic|mixed cystic and solid|lobulated) nodule", "in the (upper|lower|mid) {side} lobe", CM % "1.5-4.2"),
                ("a", "(solid|hypoechoic|taller-than-wide) nodule", "in the isthmus", CM % "1.5-2.6")], "No thyroid nodule.", "thyroid_aspiration", threshold=15),
            finding("small_thyroid_nodule", 6, ["texture"], [
                ("a", "(spongiform|solid|isoechoic|cystic) nodule", "in the (upper|lower|mid) {side} lobe", CM % "0.4-0.9")], "No thyroid nodule."),
            finding("colloid_cyst", 7, ["texture"], [("a", "colloid cyst", "in the (upper pole of the|lower pole of the|) {side} lobe", MM % "3-9")], "No colloid cyst."),
            finding("goiter", 5, ["size", "right", "left", "isthmus"], [("some", "(mild|moderate|marked) diffuse enlargement of the thyroid gland", "", "")], "No thyroid enlargement."),
            finding("increased_vascularity", 6, ["flow"], [("some", "(mildly|markedly|diffusely) increased thyroid vascularity", "", "")], "No increased vascularity."),
            finding("cervical_lymph_node", 4, ["nodes"], [("a", "enlarged {side} level (II|III|IV) lymph node", "", CM % "1.2-2.7")], "No enlarged lymph node.", unseen=True),
        ],
    },
    "us_leg_veins": {
        "modality": "US", "body_part": "leg", "name": "{exam_side} leg venous ultrasound", "prior": "(venous ultrasound of the leg|lower extremity venous ultrasound)", "sided": True,
        "normal": "No deep vein thrombosis of the {exam_side} leg.",
        "indications": ["{Exam_side} (leg swelling|calf pain|leg pain and swelling|leg edema|calf tenderness)( after surgery| after a long flight| for {n:2-9} days| in a {n:27-84}-year-old|)."],
        "organs": {
            "common_femoral": ["(The common femoral vein|Common femoral vein) (is compressible|is patent|compresses fully)."],
            "femoral": ["(The femoral vein|Femoral vein) (is patent throughout|compresses normally|shows normal flow)."],
            "popliteal_vein": ["(The popliteal vein|Popliteal vein) (is compressible|is patent with normal flow|fills with color)."],
            "calf": ["(The calf veins|Posterior tibial and peroneal veins|Visualized calf veins) are (patent|compressible)."],
            "saphenous": ["(The great saphenous vein|Great saphenous vein) is (patent|compressible|normal)."],
            "flow": ["(Respiratory phasicity is preserved|Flow is phasic|Normal augmentation with calf compression|Spectral waveforms are normal)."],
            "popliteal": ["(The popliteal fossa|Popliteal fossa) is (clear|unremarkable|normal)."],
            "soft": ["(The soft tissues|Subcutaneous tissues|Soft tissues of the calf) are (normal|unremarkable)."],
            "nodes": ["No enlarged (inguinal|groin) (lymph nodes|nodes)."],
        },
        "findings": [
            finding("deep_vein_thrombosis", 0, ["femoral", "common_femoral", "popliteal_vein"], [
                ("some", "(acute occlusive|acute nonocclusive|occlusive|chronic nonocclusive) thrombus", "in the {exam_side} (femoral|popliteal|common femoral) vein", "")],
                "No deep vein thrombosis."),
            POPLITEAL_CYST,
            finding("subcutaneous_edema", 7, ["soft"], [("some", "(mild|moderate|marked) subcutaneous edema", "in the {exam_side} (calf|lower leg)", "")], "No subcutaneous edema."),
            finding("superficial_vein_thrombosis", 2, ["saphenous"], [("some", "(occlusive|acute|nonocclusive) thrombus", "in the {exam_side} (great|small) saphenous vein", "")],
                    "No superficial vein thrombosis.", unseen=True),
        ],
    },
    "mr_knee": {
        "modality": "MR", "body_part": "knee", "name": "{exam_side} knee MRI", "prior": "(knee radiograph|MRI of the knee|radiograph of the knee)", "sided": True,
        "normal": "No internal derangement of the {exam_side} knee.",
        "indications": ["{Exam_side} knee (pain|pain and locking|instability|swelling|pain with stairs|injury)( after a twisting injury| after a soccer game| for {n:2-9} weeks| in a {n:16-68}-year-old| after skiing|)."],
        "organs": {
            "medial_meniscus": ["(The medial meniscus|Medial meniscus) is (intact|normal|normal in morphology)."],
            "lateral_meniscus": ["(The lateral meniscus|Lateral meniscus) is (intact|normal|unremarkable)."],
            "anterior_cruciate": ["(The anterior cruciate ligament|Anterior cruciate ligament) is (intact|normal|taut and intact)."],
            "posterior_cruciate": ["(The posterior cruciate ligament|Posterior cruciate ligament) is (intact|normal)."],
            "collaterals": ["(The collateral ligaments|Both collateral ligaments|Collateral ligaments) (appear|remain|are) intact."],
            "extensor": ["(The extensor mechanism|Extensor mechanism|The patellar tendon|The quadriceps tendon) is (intact|normal)."],
            "cartilage": ["(Articular cartilage|The articular cartilage|Cartilage) is (preserved|maintained|normal)."],
            "fluid": ["No (joint effusion|significant joint fluid|effusion or loose body)."],
            "marrow": ["(Marrow signal is normal|No marrow edema|Bone marrow signal is preserved|No fracture or marrow lesion)."],
            "popliteal": ["(The popliteal fossa|Popliteal fossa) is (clear|unremarkable)."],
            "patella": ["(The patella|Patella) (is well seated|is centered in the trochlea|tracks normally)."],
        },
        "findings": [
            finding("meniscal_tear", 2, ["medial_meniscus", "lateral_meniscus"], [
                ("a", "(horizontal|complex|radial|vertical) tear", "of the (posterior horn|body|anterior horn) of the (medial|lateral) meniscus", "")], "No meniscal tear."),
            finding("cruciate_tear", 1, ["anterior_cruciate"], [("a", "(complete|high-grade partial|low-grade partial) tear", "of the anterior cruciate ligament", "")],
                    "No anterior cruciate ligament tear."),
            finding("joint_effusion", 7, ["fluid"], [("a", "(small|moderate|large) (knee|) joint effusion", "", "")], "No joint effusion."),
            finding("cartilage_loss", 5, ["cartilage"], [("some", "(full-thickness|partial-thickness|high-grade|mild) cartilage loss",
                    "(along|of) the (medial femoral condyle|lateral femoral condyle|patella|lateral tibial plateau|trochlea)", "")], "No cartilage loss."),
            finding("collateral_sprain", 3, ["collaterals"], [("a", "grade (1|2|3) sprain", "of the (medial|lateral) collateral ligament", "")], "No collateral ligament sprain."),
            POPLITEAL_CYST,
            finding("bone_contusion", 4, ["marrow"], [("a", "(small|moderate|large) bone contusion", "in the (lateral femoral condyle|medial femoral condyle|lateral tibial plateau|patella)", "")],
                    "No bone contusion."),
            finding("tendinosis", 6, ["extensor"], [("some", "(mild|moderate|severe) tendinosis", "of the (proximal patellar|distal quadriceps) tendon", "")], "No tendinosis.", unseen=True),
            finding("loose_body", 3, ["fluid"], [("a", "loose body", "in the (suprapatellar recess|intercondylar notch|posterior recess)", MM % "4-9")], "No loose body.", unseen=True),
        ],
    },
    "mr_lumbar": {
        "modality": "MR", "body_part": "lumbar spine", "name": "lumbar spine MRI", "prior": "(lumbar spine MRI|lumbar spine radiograph|MRI of the lumbar spine)",
        "normal": "No disc herniation or stenosis of the lumbar spine.",
        "indications": [
            "(Low back pain|Back pain|Sciatica|Radicular leg pain|Neurogenic claudication|Back pain and leg numbness|Foot weakness)( for {n:2-9} weeks| for {n:2-9} months| after lifting| in a {n:28-81}-year-old|).",
        ],
        "organs": {
            "alignment": ["(Lumbar alignment|Alignment|Sagittal alignment) is (normal|anatomic|maintained|preserved)."],
            "marrow": ["(Marrow signal|Vertebral marrow signal|Bone marrow signal) is (normal|unremarkable|preserved)."],
            "heights": ["(Vertebral body heights|Vertebral heights) are (maintained|preserved|normal)."],
            "conus": ["(The conus medullaris|Conus medullaris|The conus) (ends at L1|is normal|terminates at L1-L2|is normal in signal)."],
            "cauda": ["(Cauda equina nerve roots|The nerve roots) (are|appear) (normal|unremarkable)."],
            "upper_levels": ["(L1-L2 is unremarkable|L1-L2 is normal|No abnormality at L1-L2|The L1-L2 disc is normal)."],
            "discs": ["(Disc heights|The disc spaces|Disc signal and height) (are|remain) (preserved|maintained)."],
            "canal": ["(The central canal is patent|The spinal canal is widely patent|Central canal is normal in caliber)(| elsewhere)."],
            "foramina": ["(The neural foramina|Neural foramina) are (patent|widely patent|not narrowed)(| elsewhere)."],
            "facets": ["(The facet joints|Facet joints) are (normal|unremarkable|well preserved)."],
            "paraspinal": ["(The paraspinal muscles|Paraspinal soft tissues|The paravertebral soft tissues) are (normal|unremarkable|symmetric)."],
            "sacroiliac": ["(The sacroiliac joints|Visualized sacroiliac joints) are (normal|unremarkable)."],
        },
        "findings": [
            finding("disc_herniation", 1, ["discs"], [("a", "{side} (paracentral|foraminal|subarticular) disc (protrusion|extrusion)", "at " + LEVEL, ""),
                                                       ("a", "(central|broad-based) disc protrusion", "at " + LEVEL, "")], "No disc herniation."),
            finding("canal_stenosis", 2, ["canal"], [("some", "(mild|moderate|severe) spinal canal stenosis", "at " + LEVEL, "")], "No spinal canal stenosis."),
            finding("foraminal_stenosis", 3, ["foramina"], [("some", "(mild|moderate|severe) ({side}|{side}|bilateral) foraminal stenosis", "at " + LEVEL, "")], "No foraminal stenosis."),
            finding("anterolisthesis", 4, ["alignment"], [("some", "grade (1|2) anterolisthesis", "of (L3 on L4|L4 on L5|L5 on S1)", "")], "No anterolisthesis."),
            finding("facet_arthropathy", 7, ["facets"], [("some", "(mild|moderate|severe) (bilateral|) facet arthropathy", "at " + LEVEL, "")], "No facet arthropathy."),
            finding("disc_desiccation", 8, ["discs"], [("some", "disc (desiccation|height loss)", "at " + LEVEL, "")], "No disc desiccation."),
            finding("synovial_cyst", 4, ["facets"], [("a", "synovial cyst", "at " + LEVEL + " on the {side}", MM % "4-9")], "No synovial cyst.", unseen=True),
            finding("vertebral_hemangioma", 8, ["marrow"], [("a", "hemangioma", "in the (L1|L2|L3|L4) vertebral body", CM % "0.9-2.4")], "No hemangioma.", unseen=True),
        ],
    },
    "dx_ankle": {
        "modality": "DX", "body_part": "ankle", "name": "{exam_side} ankle radiograph", "prior": "(ankle radiograph|radiograph of the ankle|three-view ankle radiograph)", "sided": True,
        "normal": "No acute fracture of the {exam_side} ankle.",
        "indications": ["{Exam_side} ankle (pain|injury|swelling|pain and swelling|inversion injury|pain with weight bearing)( after a fall| after a misstep| playing basketball| for {n:2-6} days| in a {n:15-79}-year-old|)."],
        "organs": {
            "bones": ["(No acute fracture or dislocation|The bones are intact|No acute osseous abnormality|Cortical margins are intact)."],
            "mortise": ["(The ankle mortise|Ankle mortise) is (congruent|intact|symmetric|preserved)."],
            "talus": ["(The talar dome|Talar dome) is (smooth|intact|well preserved)."],
            "syndesmosis": ["(The distal tibiofibular syndesmosis|The syndesmosis|Tibiofibular clear space) is (intact|not widened|normal)."],
            "hindfoot": ["(The calcaneus|Calcaneus|The hindfoot) is (normal|intact|unremarkable).", "(The subtalar joint|Subtalar joint) is (normal|preserved)."],
            "metatarsal": ["(The base of the fifth metatarsal|Fifth metatarsal base) is (intact|normal|unremarkable)."],
            "joint": ["(The joint spaces|Joint spaces) are (maintained|preserved|normal).", "No joint space narrowing."],
            "fluid": ["No (joint effusion|tibiotalar effusion|ankle effusion)."],
            "soft": ["(The soft tissues|Soft tissues) are (normal|unremarkable|not swollen)."],
            "density": ["(Bone mineralization|Mineralization|Bone density) is (normal|age appropriate|preserved)."],
            "foreign": ["No radiopaque foreign body(| is identified)."],
        },
        "findings": [
            finding("fracture", 0, ["bones"], [
                ("a", "(nondisplaced|minimally displaced|displaced|oblique|spiral) fracture", "of the (lateral malleolus|medial malleolus|distal {exam_side} fibula|posterior malleolus|{exam_side} lateral malleolus)", ""),
                ("a", "(small|minimally displaced) avulsion fracture", "of the (distal fibula|medial malleolus|{exam_side} lateral malleolus)", "")],
                "No fracture.", "orthopedics"),
            finding("soft_tissue_swelling", 6, ["soft"], [("some", "(mild|moderate|marked) (lateral|medial|diffuse) soft tissue swelling", "", "")], "No soft tissue swelling."),
            finding("joint_effusion", 5, ["fluid"], [("a", "(small|moderate|large) (tibiotalar|ankle) joint effusion", "", "")], "No joint effusion."),
            finding("osteoarthritis", 7, ["joint"], [("some", "(mild|moderate|severe) osteoarthritis", "of the (tibiotalar|subtalar) joint", "")], "No osteoarthritis."),
            finding("calcaneal_spur", 8, ["hindfoot"], [("a", "(small|moderate|large) plantar calcaneal spur", "", "")], "No calcaneal spur."),
            finding("osteochondral_lesion", 3, ["talus"], [("a", "osteochondral lesion", "of the (medial|lateral) talar dome", MM % "4-12")], "No osteochondral lesion.", unseen=True),
            finding("tendon_calcification", 8, ["hindfoot"], [("some", "(mild|coarse|linear) calcification", "at the Achilles tendon insertion", "")], "No tendon calcification.", unseen=True),
        ],
    },
    "dx_wrist": {
        "modality": "DX", "body_part": "wrist", "name": "{exam_side} wrist radiograph", "prior": "(wrist radiograph|radiograph of the wrist|three-view wrist radiograph)", "sided": True,
        "normal": "No acute fracture of the {exam_side} wrist.",
        "indications": ["{Exam_side} wrist (pain|injury|swelling|pain and swelling|deformity|tenderness)( after a fall| after a fall on an outstretched hand| from a skateboard fall| for {n:2-6} days| in a {n:15-82}-year-old|)."],
        "organs": {
            "bones": ["(No acute fracture or malalignment|The bones are intact|No acute osseous abnormality|Cortical margins are intact)."],
            "alignment": ["(Carpal alignment|Alignment of the carpal bones) is (normal|maintained|anatomic)."],
            "scapholunate": ["(The scapholunate interval|Scapholunate interval) is (normal|not widened|preserved)."],
            "radioulnar": ["(The distal radioulnar joint|Distal radioulnar joint) is (congruent|normal|preserved)."],
            "radiocarpal": ["(The radiocarpal joint|Radiocarpal joint) is (normal|maintained|well preserved)."],
            "thumb": ["(The first carpometacarpal joint|First carpometacarpal joint|The thumb base) is (normal|unremarkable|preserved)."],
            "variance": ["(Ulnar variance is neutral|Neutral ulnar variance)."],
            "soft": ["(The soft tissues|Soft tissues) are (normal|unremarkable|not swollen)."],
            "density": ["(Bone mineralization|Mineralization|Bone density) is (normal|age appropriate|preserved)."],
            "metacarpals": ["(The metacarpals|Metacarpal bases|Visualized metacarpals) are (intact|normal|unremarkable)."],
            "foreign": ["No radiopaque foreign body(| is identified)."],
        },
        "findings": [
            finding("fracture", 0, ["bones"], [
                ("a", "(nondisplaced|minimally displaced|dorsally angulated|impacted|comminuted) fracture", "of the (distal {exam_side} radius|distal radius|radial styloid|{exam_side} radial metaphysis)", ""),
                ("a", "(nondisplaced|minimally displaced) fracture", "of the (scaphoid waist|{exam_side} scaphoid|triquetrum|ulnar styloid)", "")],
                "No fracture.", "orthopedics"),
            finding("soft_tissue_swelling", 6, ["soft"], [("some", "(mild|moderate|marked) (dorsal|volar|radial|diffuse) soft tissue swelling", "", "")], "No soft tissue swelling."),
            finding("osteoarthritis", 7, ["thumb", "radiocarpal"], [("some", "(mild|moderate|severe) osteoarthritis", "of the (first carpometacarpal|radiocarpal) joint", "")], "No osteoarthritis."),
            finding("ulnar_variance", 8, ["variance"], [("some", "(mild|moderate) (positive|negative) ulnar variance", "", "")], "No ulnar variance."),
            finding("scapholunate_widening", 3, ["scapholunate"], [("some", "widening of the scapholunate interval to {n:4-7} mm", "", "")], "No scapholunate widening.", unseen=True),
            finding("chondrocalcinosis", 7, ["radioulnar"], [("some", "(mild|moderate|linear) chondrocalcinosis", "of the triangular fibrocartilage", "")], "No chondrocalcinosis.", unseen=True),
        ],
    },
}

# How many cases have this kind as their first finding, in training and (after the slash) held out.
PLAN = {
    "ct_head": """normal 3/1, intracranial_hemorrhage 11/2, scalp_hematoma 1/0, chronic_infarct 2/0, small_vessel_change 1/0,
        extra_axial_mass 0/1""",
    "dx_chest": """normal 4/1, consolidation 7/1, pleural_effusion 3/1, pulmonary_nodule 5/1, pneumothorax 3/0,
        cardiomegaly 1/0, pulmonary_edema 2/0, atelectasis 1/0, hiatal_hernia 0/1""",
    "ct_chest": """normal 3/1, consolidation 4/1, pulmonary_nodule 7/2, small_pulmonary_nodule 3/0, pulmonary_embolism 3/0,
        lymphadenopathy 2/0, pericardial_effusion 0/1, bronchiectasis 0/1""",
    "ct_abdomen_pelvis": """normal 4/1, aortic_aneurysm 6/1, ureteral_calculus 3/1, diverticulitis 3/1, renal_calculus 2/0,
        hepatic_cyst 1/0, inguinal_hernia 1/0, appendicitis 0/1, adrenal_nodule 0/1, small_bowel_obstruction 0/1""",
    "us_abdomen": """normal 3/1, aortic_aneurysm 6/1, gallstones 3/1, hydronephrosis 2/0, bile_duct_dilatation 2/0,
        gallbladder_polyp 0/1, ascites 0/1""",
    "us_thyroid": """normal 3/1, thyroid_nodule 12/2, small_thyroid_nodule 3/0, colloid_cyst 1/0, goiter 1/0,
        cervical_lymph_node 0/1""",
    "us_leg_veins": "normal 2/1, deep_vein_thrombosis 5/1, subcutaneous_edema 1/0, superficial_vein_thrombosis 0/1",
    "mr_knee": "normal 3/1, meniscal_tear 4/1, cruciate_tear 3/1, collateral_sprain 1/0, bone_contusion 1/0, tendinosis 0/1",
    "mr_lumbar": """normal 3/1, disc_herniation 4/1, canal_stenosis 2/0, foraminal_stenosis 2/1, anterolisthesis 2/0,
        synovial_cyst 0/1, vertebral_hemangioma 0/1""",
    "dx_ankle": "normal 3/0, fracture 7/1, joint_effusion 1/0, calcaneal_spur 1/0, osteochondral_lesion 0/1",
    "dx_wrist": "normal 3/0, fracture 7/2, osteoarthritis 1/0, ulnar_variance 1/0, scapholunate_widening 0/1",
}
